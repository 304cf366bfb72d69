/**
 * The pixels of a flood fill: all pixels connected to the start by pixels of about its colour, plus one pixel around
 * them, to leave no seam along anti-aliased edges.
 *
 * @param tolerance largest difference of a channel, in levels of 255
 * @returns 1 for each pixel covered, row by row
 */
export function floodFill(
  image: ImageData,
  start: { readonly x: number; readonly y: number },
  tolerance: number,
): Uint8Array {
  const { width, height } = image;
  const covered = new Uint8Array(width * height);
  const matches = colourMatcher(image, start.y * width + start.x, tolerance);
  const stack = [start.y * width + start.x];
  while (stack.length > 0) {
    const seed = stack.pop()!;
    if (covered[seed] === 1) continue;
    const rowStart = seed - (seed % width);
    let left = seed;
    while (left > rowStart && matches(left - 1)) left--;
    let right = seed;
    while (right < rowStart + width - 1 && matches(right + 1)) right++;
    covered.fill(1, left, right + 1);
    for (const offset of [-width, width]) pushRuns(stack, { left: left + offset, right: right + offset }, open);
  }
  return grow(covered, width, height);

  function open(pixel: number): boolean {
    return pixel >= 0 && pixel < covered.length && covered[pixel] === 0 && matches(pixel);
  }
}

/** Pushes one seed per run of open pixels. */
function pushRuns(stack: number[], run: { left: number; right: number }, open: (pixel: number) => boolean): void {
  let inside = false;
  for (let pixel = run.left; pixel <= run.right; pixel++) {
    const isOpen = open(pixel);
    if (isOpen && !inside) stack.push(pixel);
    inside = isOpen;
  }
}

function colourMatcher(image: ImageData, pixel: number, tolerance: number): (pixel: number) => boolean {
  const { data } = image;
  const whole = new Uint32Array(data.buffer);
  const same = whole[pixel]!;
  const red = data[pixel * 4]!;
  const green = data[pixel * 4 + 1]!;
  const blue = data[pixel * 4 + 2]!;
  // Most pixels of a sketch are flat colour: one comparison settles them.
  return (other) =>
    whole[other] === same ||
    (Math.abs(data[other * 4]! - red) <= tolerance &&
      Math.abs(data[other * 4 + 1]! - green) <= tolerance &&
      Math.abs(data[other * 4 + 2]! - blue) <= tolerance);
}

function grow(covered: Uint8Array, width: number, height: number): Uint8Array {
  const grown = covered.slice();
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const pixel = row + x;
      if (covered[pixel] === 1) continue;
      const beside = (x > 0 && covered[pixel - 1] === 1) || (x < width - 1 && covered[pixel + 1] === 1);
      // Pixels above the first row and below the last are undefined.
      if (beside || covered[pixel - width] === 1 || covered[pixel + width] === 1) grown[pixel] = 1;
    }
  }
  return grown;
}
