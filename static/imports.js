// A file that is too large is said to be so before it is sent.

document.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLInputElement) || target.id !== "file") return;
  const isTooLarge = (target.files?.[0]?.size ?? 0) > Number(target.dataset.limit);
  target.setCustomValidity(isTooLarge ? String(target.dataset.textLimit) : "");
  target.reportValidity();
});
