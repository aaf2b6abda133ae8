import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, Inbox, signIn, test } from './fixtures.ts';
import { DAY } from './samples.ts';
import type { Belfry } from './server.ts';

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

/** Loads the page again with the cards as old as the samples say: the API takes no date, and a real day is long. */
async function age(page: Page): Promise<void> {
  const minutes = DAY.map(([age]) => age).reverse();
  const older = (_: string, open: string, json: string) => {
    const data = JSON.parse(json);
    data.snapshot.items.forEach(({ notification }: { notification: Record<string, string> }, index: number) => {
      notification.updated_at = new Date(Date.parse(data.now) - minutes[index]! * 60_000).toISOString();
    });
    return open + JSON.stringify(data).replaceAll('<', '\\u003c');
  };
  await page.route('**/', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/(<script[^>]* id="page-data"[^>]*>)(.*?)(?=<\/script>)/s, older);
    await route.fulfill({ response, body });
  });
  await page.reload();
}

async function fill(belfry: Belfry, token: string): Promise<void> {
  for (const [, draft] of DAY) await belfry.post(token, draft);
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    test.describe(`${colorScheme}, ${size}`, () => {
      test.use({ colorScheme, viewport, hasTouch: size === 'phone', isMobile: size === 'phone' });

      /** Keeps the picture: for the documents when asked to, else with the results of the tests. */
      async function shoot(page: Page, name: string): Promise<void> {
        const published = process.env.BELFRY_SCREENSHOTS && size === 'desk' && name === 'inbox';
        const file = published ? `../docs/inbox-${colorScheme}.png` : `test-results/screens/${name}-${colorScheme}-${size}.png`;
        await page.screenshot({ path: resolve(import.meta.dirname, file), animations: 'disabled' });
      }

      test('the plain pages', async ({ bare, page }) => {
        await page.goto(bare.setupLink!);
        await shoot(page, 'set-up');
        bare.addUser('ada', '--admin');
        await page.goto(`${bare.url}/login`);
        await shoot(page, 'sign-in');
        await signIn(page, 'ada', 'wrong password');
        await expect(page.getByRole('alert')).toBeVisible();
        await shoot(page, 'sign-in-refused');
        await page.goto(`${bare.url}/no/where`);
        await shoot(page, 'not-found');
        await page.goto(`${bare.url}/login`);
        await signIn(page, 'ada');
        await new Inbox(page).live();
        await shoot(page, 'empty');
      });

      test('the inbox', async ({ belfry, token, page }) => {
        await fill(belfry, token);
        await page.goto(`${belfry.url}/login`);
        await signIn(page, 'ada');
        await age(page);
        const inbox = new Inbox(page);
        await inbox.live();
        await expect(inbox.card('Disk 96')).toContainText('2 m');
        for (const title of ['Certificate', 'Nightly', 'Washing']) await inbox.read(title);
        await page.mouse.move(0, 0);
        await page.evaluate(() => {
          (document.activeElement as HTMLElement).blur();
          scrollTo(0, 0);
        });
        await shoot(page, 'inbox');
        await page.locator('details.composer > summary').click();
        await shoot(page, 'composer');
        await inbox.compose('Reboot at noon', 'atlas gets its new disk.', 'not a channel');
        await expect(page.locator('#e-channel')).not.toBeEmpty();
        await shoot(page, 'refusal');
        await page.locator('details.composer > summary').click();
        await belfry.kill();
        await expect(inbox.banner).toBeVisible();
        await shoot(page, 'disconnected');
      });
    });
  }
}
