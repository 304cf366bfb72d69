/** Styles of texts that a page may have, each another value than ours. */
export const TEXT_STYLES = `
  border-collapse: collapse;
  border-spacing: 30px;
  font-style: italic;
  font-variant-caps: small-caps;
  font-weight: 900;
  letter-spacing: 9px;
  line-height: 4;
  list-style-type: square;
  overflow-wrap: anywhere;
  text-align: right;
  text-indent: 40px;
  text-shadow: 3px 3px red;
  text-transform: uppercase;
  white-space: pre;
  word-break: break-all;
  word-spacing: 20px;
`;
const NAMES = [...TEXT_STYLES.matchAll(/([a-z-]+):/g)].map(([, name]) => name!);

/** All elements below a root, also those in shadow roots. */
function below(root: Element | ShadowRoot): Element[] {
  return [...root.querySelectorAll('*')].flatMap((element) => [
    element,
    ...(element.shadowRoot ? below(element.shadowRoot) : []),
  ]);
}

/** What reaches out of the element's box, unless something cuts or scrolls it. */
export function outside(host: HTMLElement): string[] {
  const box = host.getBoundingClientRect();
  return below(host.shadowRoot!).flatMap((element) => {
    const { left, right, bottom, width, height } = element.getBoundingClientRect();
    const by = Math.max(box.left - left, right - box.right, bottom - box.bottom);
    if (by <= 0.5 || width === 0 || height === 0 || isCut(element, host)) return [];
    return `${element.localName}.${element.getAttribute('class')} by ${by.toFixed(1)} px`;
  });
}

function isCut(element: Element, host: HTMLElement): boolean {
  for (let at: Element | null = element; at !== null && at !== host; at = parentOf(at)) {
    const { overflowX, clipPath } = getComputedStyle(at);
    if ((overflowX !== 'visible' && at !== element) || clipPath === 'inset(50%)') return true;
  }
  return false;
}

function parentOf(element: Element): Element | null {
  const root = element.getRootNode();
  return element.assignedSlot ?? element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}

/** The styles of all elements with text, by their place in the tree. */
export function textStyles(host: HTMLElement): Map<string, string> {
  return new Map(
    below(host.shadowRoot!).flatMap((element, place) => {
      const texts = [...element.childNodes].filter((node) => node instanceof Text && node.data.trim() !== '');
      if (texts.length === 0) return [];
      const style = getComputedStyle(element);
      const values = NAMES.map((name) => `${name}: ${style.getPropertyValue(name)}`).join('; ');
      return [[`${place} ${element.localName}`, values] as const];
    }),
  );
}

/** Entries that are in both and differ. */
export function changedStyles(before: Map<string, string>, after: Map<string, string>): string[] {
  return [...after].flatMap(([key, style]) => {
    const old = before.get(key);
    return old === undefined || old === style ? [] : `${key}: ${style}`;
  });
}
