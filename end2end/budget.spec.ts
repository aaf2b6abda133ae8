import type { Page, Request } from '@playwright/test';
import { expect, Inbox, PASSWORD, signIn, test } from './fixtures.ts';
import { DAY } from './samples.ts';

/** What the browser complains about, from now on: its console, uncaught errors and the content security policy. */
async function complaints(page: Page): Promise<string[]> {
  const heard: string[] = [];
  page.on('console', (message) => {
    if (['warning', 'error'].includes(message.type())) heard.push(message.text());
  });
  page.on('pageerror', (error) => heard.push(String(error)));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (violation) => {
      console.error(`blocked by ${violation.effectiveDirective}: ${violation.blockedURI}`);
    });
  });
  return heard;
}

test('the inbox is live after four requests, and its code is small', async ({ belfry, token, page }) => {
  for (const [, draft] of DAY) await belfry.post(token, draft);
  await page.goto(`${belfry.url}/login`);
  await signIn(page, 'ada');
  await page.waitForURL(`${belfry.url}/`);

  const context = await page.context().browser()!.newContext({ storageState: await page.context().storageState() });
  const fresh = await context.newPage();
  const requests: Request[] = [];
  fresh.on('request', (request) => requests.push(request));
  await fresh.goto(belfry.url);
  await new Inbox(fresh).live();
  // The icon is for the tab: the browser asks for it when it likes.
  const needed = requests.filter((request) => !/^\/(events|favicon)/.test(new URL(request.url()).pathname));
  const kinds = needed.map((request) => new URL(request.url()).pathname.replace(/^.*\./, ''));
  expect(kinds.toSorted()).toEqual(['/', 'css', 'js', 'wasm']);

  let code = 0;
  for (const request of needed.filter((request) => /\.(js|wasm)$/.test(request.url()))) {
    const headers = await (await request.response())!.allHeaders();
    expect(headers['content-encoding']).toBe('br');
    expect(headers['cache-control']).toContain('immutable');
    code += (await request.sizes()).responseBodySize;
  }
  console.log(`code of the inbox: ${(code / 1000).toFixed(1)} kB`);
  expect(code).toBeGreaterThan(10_000);
  expect(code).toBeLessThanOrEqual(180_000);
  expect(await fresh.evaluate(() => document.fonts.size)).toBe(0);
  await context.close();
});

test('no page gives the browser reason to complain', async ({ bare, page }) => {
  const heard = await complaints(page);
  await page.goto(bare.setupLink!);
  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  const inbox = new Inbox(page);
  await inbox.live();

  const token = bare.token('ada');
  for (const [, draft] of DAY) await bare.post(token, draft);
  await expect(inbox.cards).toHaveCount(DAY.length);
  await inbox.archive('Washing machine');
  for (const path of ['/', '/archive']) {
    await page.goto(bare.url + path);
    await inbox.live();
  }
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(`${bare.url}/login`);
  expect(heard).toEqual([]);
});

test('every file that a page or the manifest names is there', async ({ bare, page, request }) => {
  await page.goto(`${bare.url}/login`);
  const named = await page.locator('link[href]').evaluateAll((links) => links.map((link) => (link as HTMLLinkElement).href));
  const manifest = await (await request.get(`${bare.url}/manifest.webmanifest`)).json();
  const icons = manifest.icons.map(({ src }: { src: string }) => new URL(src, bare.url).href);
  for (const url of [...named, ...icons]) {
    const answer = await request.get(url);
    expect(answer.status(), url).toBe(200);
    expect(answer.headers()['content-type'], url).not.toContain('text/html');
  }
});
