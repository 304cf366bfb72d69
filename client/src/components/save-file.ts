/** Offers a file to the person, as a download. */
export function saveFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken hold of the blob by the next task.
  setTimeout(() => URL.revokeObjectURL(url));
}

/** Two pictures side by side, each as high as the first, as a PNG. */
export async function sideBySide(left: Blob, right: Blob): Promise<Blob> {
  const [a, b] = await Promise.all([createImageBitmap(left), createImageBitmap(right)]);
  const rightWidth = Math.round((b.width * a.height) / b.height);
  const context = new OffscreenCanvas(a.width + rightWidth, a.height).getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(a, 0, 0);
  context.drawImage(b, a.width, 0, rightWidth, a.height);
  return context.canvas.convertToBlob({ type: 'image/png' });
}
