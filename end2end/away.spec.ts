import { expect, test } from './fixtures.ts';
import config from './playwright.config.ts';

// Playwright turns the back/forward cache off, which browsers of people have on.
test.use({ launchOptions: { ...config.use?.launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] } });

test('a page that comes back from the cache is level again', async ({ belfry, token, person }) => {
  const ada = await person('ada');
  await ada.page.evaluate(() => {
    addEventListener('pageshow', (event) => document.body.setAttribute('data-kept', String(event.persisted)));
  });
  await ada.page.goto(`${belfry.url}/no/where`);
  for (const title of ['one', 'two']) await belfry.post(token, { title });
  await ada.page.goBack({ waitUntil: 'commit' });
  await expect(ada.page.locator('body')).toHaveAttribute('data-kept', 'true');
  await ada.shows(['two', 'one']);
  await ada.live();
});
