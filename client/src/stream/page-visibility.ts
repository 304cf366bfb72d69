/**
 * Reports whether the page is hidden, now and on every change. Without a document (on a server) it is never hidden.
 *
 * @returns stops the reports
 */
export function followVisibility(report: (isHidden: boolean) => void): () => void {
  const { document } = globalThis;
  if (document === undefined) {
    report(false);
    return () => undefined;
  }
  const onChange = () => report(document.visibilityState === 'hidden');
  document.addEventListener('visibilitychange', onChange);
  onChange();
  return () => document.removeEventListener('visibilitychange', onChange);
}
