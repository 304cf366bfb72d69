import type { BrowserContextOptions, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { nextPaint, viewCanvas } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';

const touch = (width: number, height: number): BrowserContextOptions => ({
  viewport: { width, height },
  hasTouch: true,
  isMobile: true,
});
const UPRIGHT = { '320x568': touch(320, 568), '390x844': touch(390, 844) };
/** Screens on which everything that matters is above the fold. */
const WIDE = {
  '568x320': touch(568, 320),
  '667x375': touch(667, 375),
  '844x390': touch(844, 390),
  '1366x768': { viewport: { width: 1366, height: 768 } },
};
const VIEWS = ['result', 'overlay', 'split', 'side'] as const;
const MATTERS = ['underpaint-sketch canvas', 'underpaint-view canvas', '.prompt input', '#strength'] as const;

describe('small screens', () => {
  const pages = usePages();
  const server = useServer();

  async function open(options: BrowserContextOptions): Promise<Page> {
    const { page } = await pages.open(server.url, options);
    await viewCanvas(page).waitFor({ state: 'visible' });
    await page.locator('#strength').waitFor();
    return page;
  }

  it.each(Object.entries(WIDE))('%s: sheet, picture, words and strength are above the fold', async (_, options) => {
    const page = await open(options);
    for (const view of VIEWS) {
      await show(page, view);
      const { height } = options.viewport!;
      expect(await lowest(page, view === 'result' ? MATTERS.slice(1) : MATTERS), view).toBeLessThanOrEqual(height);
      expect(await overflow(page), view).toBe(0);
    }
    expect(await smallControls(page)).toEqual([]);
    await page.context().close();
  });

  it.each(Object.entries(UPRIGHT))('%s: nothing is cut off, and fingers can press everything', async (_, options) => {
    const page = await open(options);
    await page.getByRole('button', { name: 'Layers' }).click();
    await page.locator('underpaint-layers li').first().waitFor();
    for (const view of VIEWS) {
      await show(page, view);
      expect(await overflow(page), view).toBe(0);
    }
    expect(await smallControls(page)).toEqual([]);
    await page.context().close();
  });
});

async function show(page: Page, view: string): Promise<void> {
  await page.locator('underpaint-studio').evaluate((studio, wanted) => studio.setAttribute('view', wanted), view);
  await nextPaint(page);
}

/** The lower edge of the lowest part, in CSS pixels of the page. */
async function lowest(page: Page, parts: readonly string[]): Promise<number> {
  const boxes = await Promise.all(parts.map((part) => page.locator(part).boundingBox()));
  return Math.max(...boxes.map((box) => box!.y + box!.height));
}

function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

/** Controls that are smaller than 40 px, or where a press 19 px beside the middle reaches something else. */
function smallControls(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const all = (root: ParentNode): Element[] =>
      [...root.querySelectorAll('*')].flatMap((each) => [each, ...(each.shadowRoot ? all(each.shadowRoot) : [])]);
    const under = (x: number, y: number) => {
      let found = document.elementFromPoint(x, y);
      for (;;) {
        const inner = found?.shadowRoot?.elementFromPoint(x, y) ?? found;
        if (inner === found) return found;
        found = inner;
      }
    };
    // A slider over the split line can be pressed on its handle only.
    const controls = all(document).filter(
      (each) =>
        each.matches('button, input, select, a[href]') && each.checkVisibility() && !each.matches('.split-line *'),
    ) as HTMLInputElement[];
    return controls.flatMap((control) => {
      const isSmallSign = control.matches('[type=checkbox], [type=radio]');
      const target = isSmallSign ? control.closest('label')! : control;
      const name = control.ariaLabel ?? (control.id || control.textContent || control.type);
      target.scrollIntoView({ block: 'center', inline: 'center' });
      const { x, y, width, height } = target.getBoundingClientRect();
      if (width < 40 || height < 40) return [`${name}: ${width} x ${height}`];
      const [left, top] = [x + width / 2, y + height / 2];
      const missed = [
        [-19, 0],
        [19, 0],
        [0, -19],
        [0, 19],
      ].filter(([dx, dy]) => {
        const hit = under(left + dx!, top + dy!);
        return hit !== null && !target.contains(hit) && hit.getAttribute('for') !== control.id;
      });
      return missed.length === 0 ? [] : [`${name}: pressed at ${missed.join(' and at ')}`];
    });
  });
}
