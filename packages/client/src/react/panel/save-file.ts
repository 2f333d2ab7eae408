/** Has the browser save a text as a file of the person's own; nothing leaves the device. */
export function saveFile(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // Later, as some browsers begin to read after the click.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
