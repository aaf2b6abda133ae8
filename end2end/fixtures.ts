import { type BrowserContext, type Locator, type Page, test as base, expect } from '@playwright/test';
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

  /** What is said of the connection when there is something to say. */
  get banner(): Locator {
    return this.page.locator('[data-notice]');
  }

  /** The titles from the newest to the oldest. */
  titles(): Promise<string[]> {
    return this.cards.locator('h2 > bdi').allTextContents();
  }

  /** Waits until the list has exactly these titles, from the newest to the oldest. */
  async shows(titles: string[], timeout?: number): Promise<void> {
    await expect.poll(() => this.titles(), { timeout, intervals: [50] }).toEqual(titles);
  }

  /** Waits until the page's code has taken over and the stream is open. */
  async live(): Promise<void> {
    await expect(this.light).toHaveAttribute('data-link', 'open');
  }

  /** Marks a card as read by its button. */
  async read(title: string): Promise<void> {
    await this.card(title).getByRole('button', { name: 'Mark as read' }).click();
    await expect(this.card(title)).toHaveAttribute('data-unread', 'false');
  }

  /** Archives a card by its button. */
  async archive(title: string): Promise<void> {
    await this.card(title).getByRole('button', { name: 'Archive' }).click();
    await expect(this.card(title)).toHaveCount(0);
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

interface Fixtures {
  /** A server without accounts. */
  bare: Belfry;
  /** A server with the accounts ada, who administers it, and ben. */
  belfry: Belfry;
  /** A token of ada's. */
  token: string;
  /** Somebody with a browser of his own, who signs in at the server or at what stands before it. */
  person: (name: string, options?: { at?: string; live?: boolean }) => Promise<Inbox>;
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
  person: async ({ belfry, browser }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (name, { at = belfry.url, live = true } = {}) => {
      const context = await browser.newContext();
      contexts.push(context);
      const page = await context.newPage();
      await page.goto(`${at}/login`);
      await signIn(page, name);
      await page.waitForURL(`${at}/`);
      const inbox = new Inbox(page);
      if (live) await inbox.live();
      return inbox;
    });
    for (const context of contexts) await context.close();
  },
});
