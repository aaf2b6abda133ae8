import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, Inbox, signIn, test } from './fixtures.ts';
import { DAY } from './samples.ts';

/** Nothing that axe finds, and nothing that is cut off at the side. */
async function audit(page: Page): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow).toBe(0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`) }));
  expect(found).toEqual([]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, reducedMotion: 'reduce' });

    test('the plain pages have no barriers', async ({ bare, page }) => {
      await page.goto(bare.setupLink!);
      await audit(page);
      bare.addUser('ada', '--admin');
      await page.goto(`${bare.url}/login`);
      await audit(page);
      await signIn(page, 'ada', 'wrong password');
      await expect(page.getByRole('alert')).toBeVisible();
      await audit(page);
      await page.goto(`${bare.url}/no/where`);
      await audit(page);
    });

    for (const [size, width] of [['desk', 1280], ['phone', 320]] as const) {
      test(`the inbox has no barriers on a ${size}`, async ({ belfry, token, page }) => {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(`${belfry.url}/login`);
        await signIn(page, 'ada');
        const inbox = new Inbox(page);
        await inbox.live();
        await audit(page);
        for (const [, draft] of DAY) await belfry.post(token, draft);
        await belfry.post(token, { message: 'line\n'.repeat(20) });
        await expect(inbox.cards).toHaveCount(DAY.length + 1);
        await inbox.read('Queue is growing');
        await audit(page);
        await inbox.compose('', '', 'not a channel');
        await expect(page.locator('#e-channel')).not.toBeEmpty();
        await audit(page);
        await belfry.kill();
        await expect(inbox.banner).toBeVisible();
        await audit(page);
      });
    }
  });
}
