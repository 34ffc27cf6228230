// Small helps; every page works without them.
(() => {
  "use strict";

  // A form is sent once. The button comes back when the page is shown again, so that Back does not find it dead.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]") || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    // The pressed button must still send its name, so it is marked instead of disabled.
    form.querySelectorAll("button:not([type=button])").forEach((button) => button.setAttribute("aria-disabled", "true"));
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
    });
  });

  // Leaving a form with something typed asks first; sending it does not.
  const typed = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.matches("form.form[data-once]")) typed.add(form);
  });
  window.addEventListener("beforeunload", (event) => {
    if ([...typed].some((form) => form.isConnected && !form.dataset.sent)) event.preventDefault();
  });

  // Changing the language loads the page anew: what was typed comes along. Nothing is kept longer than that.
  const KEPT = "westum-typed";
  const controls = () => [...document.querySelectorAll("form.form[data-once] :is(input, select, textarea)[name]")]
    .filter((control) => !["hidden", "file", "password"].includes(control.type));
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".language") || !typed.size) return;
    const values = controls().map((control) => [control.name, control.value, control.checked === true]);
    sessionStorage.setItem(KEPT, JSON.stringify({ path: location.pathname, values }));
    typed.clear();
  });
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  sessionStorage.removeItem(KEPT);
  if (kept && kept.path === location.pathname) {
    controls().forEach((control, at) => {
      const [name, value, checked] = kept.values[at] || [];
      if (name !== control.name) return;
      if (["checkbox", "radio"].includes(control.type)) control.checked = checked;
      else control.value = value;
      if (control.form) typed.add(control.form);
    });
  }

  // Focus areas that are closed to whoever travels are not offered; what is ticked stays in view.
  const offerAreas = (form) => {
    const person = form.querySelector("select[name=participant] option:checked")?.dataset.group;
    const group = person || form.querySelector("[name=group]:checked")?.value;
    const closed = group && (group === "learner" ? "staff" : "learners");
    form.querySelectorAll("input[data-audience]").forEach((input) => {
      input.closest("label").hidden = input.dataset.audience === closed && !input.checked;
    });
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[name=participant], [name=group], [data-audience]")) offerAreas(event.target.form);
  });
  document.querySelectorAll("select[name=participant], [name=group]").forEach((control) => control.form && offerAreas(control.form));

  // What is asked of green travel alone is forgotten with it.
  document.addEventListener("change", (event) => {
    const declared = event.target.matches("[name=travel_mode]") && event.target.form?.querySelector("[name=green_is_declared]");
    if (declared && event.target.value !== "green") declared.checked = false;
  });

  // A part that htmx swaps while somebody reads in it stays unfolded.
  let unfolded = [];
  const folds = (event) => event.detail.target.matches("[data-keeps-open]") ? [...event.detail.target.querySelectorAll("details")] : [];
  document.addEventListener("htmx:beforeSwap", (event) => { unfolded = folds(event).map((fold) => fold.open); });
  document.addEventListener("htmx:afterSwap", (event) => folds(event).forEach((fold, at) => { fold.open = unfolded[at] ?? false; }));

  // The error summary takes the focus where the browser leaves `autofocus` aside, and after htmx has swapped it in.
  const toErrors = (root) => root.querySelector?.(".errors[autofocus]")?.focus();
  toErrors(document);
  document.addEventListener("htmx:afterSwap", (event) => toErrors(event.detail.elt));

  // A file can be dropped on its frame.
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const frame = event.target.closest?.(".drop");
      if (!frame) return;
      event.preventDefault();
      frame.classList.toggle("over", kind === "dragover");
      const input = frame.querySelector("input[type=file]");
      if (kind === "drop" && event.dataTransfer.files.length && input) {
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }
})();
