// The sum of the shares follows what is typed. Without this file it is the sum of the page as it came.
(() => {
  "use strict";
  const shown = document.querySelector("output[data-sum]");
  const form = shown?.closest("form");
  if (!form) return;
  const fields = [...form.querySelectorAll('input[name^="places-"]')];
  const inWords = new Intl.NumberFormat(document.documentElement.lang);
  const whole = (text) => (/^\d+$/.test(text.trim()) ? Number(text) : 0);
  const add = () => {
    const sum = fields.reduce((before, field) => before + whole(field.value), 0);
    shown.textContent = shown.dataset.sum.replace("{sum}", inWords.format(sum));
  };
  let later;
  form.addEventListener("input", (event) => {
    if (!fields.includes(event.target)) return;
    clearTimeout(later);
    later = setTimeout(add, 400); // so that a screen reader says the sum once, not at each digit
  });
})();
