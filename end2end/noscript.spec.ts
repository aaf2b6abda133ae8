import { expect, test } from './fixtures.ts';

test.use({ javaScriptEnabled: false });

test('everything works as forms', async ({ belfry, token, person }) => {
  for (let n = 0; n < 60; n += 1) await belfry.post(token, { title: `post ${n}` });
  const ada = await person('ada', { live: false });
  const { page } = ada;
  await expect(page).toHaveTitle('(60) Inbox · Belfry');
  expect(await page.locator('noscript').innerHTML()).toContain('Live updates need WebAssembly');
  await expect(ada.light).toBeHidden();

  await ada.compose('by hand', 'without a script');
  await expect(page).toHaveURL(belfry.url + '/');
  await expect(ada.card('by hand')).toContainText('without a script');
  await ada.read('by hand');
  await expect(page).toHaveTitle('(60) Inbox · Belfry');
  await ada.archive('by hand');

  await page.getByRole('link', { name: 'Load older' }).click();
  await expect(ada.card('post 0')).toBeVisible();
  await page.getByRole('link', { name: 'Back to the newest' }).click();
  await page.getByRole('link', { name: 'Archive' }).click();
  await ada.card('by hand').getByRole('button', { name: 'Move to inbox' }).click();
  await expect(page).toHaveURL(`${belfry.url}/archive`);
  await expect(page.getByText('Nothing archived')).toBeVisible();

  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(`${belfry.url}/login`);
});

test('a refused form comes back and says why', async ({ belfry, person }) => {
  const { page } = await person('ada', { live: false });
  await page.locator('details.composer > summary').click();
  await page.getByLabel('Channel', { exact: true }).fill('no channel');
  await page.getByLabel('Message').fill('x');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByText('Channel needs 1 to 64 letters')).toBeVisible();
  await expect(page.locator('details.composer')).toHaveAttribute('open');
  expect(new URL(page.url()).origin).toBe(belfry.url);
});
