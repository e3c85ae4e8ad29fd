import { describe, expect, it } from 'vitest';
import { renderReport } from '../../lambdas/migration/report/render-report.ts';
import { type OpenedPage, useBrowser } from '../support/browser-page.ts';
import { fullReport } from './report-sample.ts';

const html = renderReport(fullReport());
const openPage = useBrowser();

/** Opens the report and answers it with everything the browser complained about, said or asked for: a report is silent. */
async function open(widthPx: number, media: 'screen' | 'print' = 'screen'): Promise<OpenedPage> {
  const { page, complaints } = await openPage({ viewport: { width: widthPx, height: 800 }, colorScheme: 'dark' });
  page.on('console', (message) => complaints.push(message.text()));
  page.on('request', (request) => complaints.push(request.url()));
  await page.emulateMedia({ media });
  await page.setContent(html);
  return { page, complaints };
}

describe('the report in a browser', () => {
  it.each([320, 390, 768, 1280])('fits a window of %i pixels, asks for nothing and breaks no rule of its own policy', async (widthPx) => {
    const { page, complaints } = await open(widthPx);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(widthPx);
    expect(complaints).toEqual([]);
  });

  it('draws each entity’s bar in proportion: completed, quarantined, pending', async () => {
    const { page } = await open(1280);
    const video = page.getByRole('img', { name: '동영상: 완료 41020' });
    const widths = await video
      .locator('rect')
      .evaluateAll((all) => all.map((rect) => [rect.getAttribute('class'), rect.getBoundingClientRect().width]));
    const [, whole] = widths[0] as [string, number];
    const share = Object.fromEntries(widths.slice(1).map(([kind, width]) => [kind, (width as number) / whole]));
    expect(share.completed).toBeCloseTo(41_020 / 86_300, 1);
    expect(share.pending).toBeCloseTo(44_925 / 86_300, 1);
    expect(share.quarantined).toBeGreaterThan(0.004);
  });

  it('is printed dark on white, whatever the reader’s theme', async () => {
    const { page } = await open(800, 'print');
    const [ink, paper] = await page.evaluate(() => {
      const { color, backgroundColor } = getComputedStyle(document.body);
      return [color, backgroundColor];
    });
    expect([ink, paper]).toEqual(['rgb(18, 22, 29)', 'rgb(255, 255, 255)']);
  });
});
