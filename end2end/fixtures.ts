import { type Browser, type Locator, type Page, test as base, expect } from '@playwright/test';
import { Belfry, PASSWORD } from './server.ts';

export { expect, PASSWORD };

/** The signed-in page, by what a person sees of it. */
export class Inbox {
  constructor(readonly page: Page) {}

  get cards(): Locator {
    return this.page.locator('#list > article');
  }

  card(title: string): Locator {
    return this.cards.filter({ has: this.page.getByRole('heading', { name: title }) });
  }

  /** The connection light. */
  get light(): Locator {
    return this.page.locator('[data-link]');
  }

  /** The titles from the newest to the oldest. */
  titles(): Promise<string[]> {
    return this.cards.locator('h2 > bdi').allTextContents();
  }

  /** Waits until the page's code has taken over and the stream is open. */
  async live(): Promise<void> {
    await expect(this.light).toHaveAttribute('data-link', 'open');
  }

  /** Posts by the form. */
  async compose(title: string, message = '', channel = 'ci'): Promise<void> {
    const form = this.page.locator('details.composer');
    if ((await form.getAttribute('open')) === null) await form.locator('summary').click();
    await form.getByLabel('Channel').fill(channel);
    await form.getByLabel('Title').fill(title);
    await form.getByLabel('Message').fill(message);
    await form.getByRole('button', { name: 'Send' }).click();
  }
}

/** Fills in the sign-in form that `page` shows. */
export async function signIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Somebody with a browser of his own, signed in. */
export async function arrive(browser: Browser, belfry: Belfry, name: string): Promise<Inbox> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${belfry.url}/login`);
  await signIn(page, name);
  await page.waitForURL(`${belfry.url}/`);
  const inbox = new Inbox(page);
  await inbox.live();
  return inbox;
}

interface Fixtures {
  /** A server without accounts. */
  bare: Belfry;
  /** A server with the accounts ada, who administers it, and ben. */
  belfry: Belfry;
  /** A token of ada's. */
  token: string;
}

export const test = base.extend<Fixtures>({
  bare: async ({}, use) => {
    const belfry = new Belfry();
    await belfry.start();
    await use(belfry);
    await belfry.dispose();
  },
  belfry: async ({ bare }, use) => {
    bare.addUser('ada', '--admin');
    bare.addUser('ben');
    await use(bare);
  },
  token: async ({ belfry }, use) => use(belfry.token('ada')),
});
