// The page's colours for a canvas.

/**
 * Make a function that returns a colour of the style sheets (the name of a custom property) as rgba(): the library reads
 * nothing else, and a canvas turns whatever the browser computed into it.
 * @param {HTMLElement} box
 */
export const makePalette = (box) => {
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!brush) throw new Error("This browser has no canvas.");

  /**
   * @param {string} name
   * @param {number} [alpha]
   */
  return (name, alpha = 1) => {
    const probe = document.createElement("i");
    probe.style.color = `var(${name})`;
    box.append(probe);
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = getComputedStyle(probe).color;
    brush.fillRect(0, 0, 1, 1);
    probe.remove();
    const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data;
    return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
  };
};
