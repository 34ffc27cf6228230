// Passkeys: the browser fills in the hidden field `credential`, and the form is sent as any other.
(() => {
  "use strict";
  if (!window.PublicKeyCredential) return;

  for (const part of document.querySelectorAll("[data-passkey]")) {
    const form = part.querySelector("form");
    const failed = part.querySelector("[data-passkey-failed]");
    const options = () => JSON.parse(part.dataset.options);
    const ask = async (question) => {
      failed.hidden = true;
      try {
        form.elements.credential.value = JSON.stringify(await question());
      } catch {
        failed.hidden = false;
        return;
      }
      form.requestSubmit();
    };

    if (part.dataset.passkey === "get") {
      part.querySelector("[data-passkey-offer]").hidden = false;
      part.querySelector("[data-passkey-use]").addEventListener("click", () => ask(() => webauthnJSON.get(options())));
    } else {
      // Before the guard against sending twice sees it, which listens at the document.
      form.addEventListener("submit", (event) => {
        if (form.elements.credential.value || !form.checkValidity()) return;
        event.preventDefault();
        ask(() => webauthnJSON.create(options()));
      });
    }
  }
})();
