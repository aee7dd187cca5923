// A file that is too large is said to be so before it is sent.
(() => {
  "use strict";

  const file = document.getElementById("file");
  file?.addEventListener("change", () => {
    const isTooLarge = file.files.length > 0 && file.files[0].size > Number(file.dataset.limit);
    file.setCustomValidity(isTooLarge ? file.dataset.textLimit : "");
    file.reportValidity();
  });
})();
