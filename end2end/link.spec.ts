import { expect, PASSWORD, signIn, test as base } from './fixtures.ts';
import { Proxy } from './proxy.ts';

const test = base.extend<{ /** The way to the server. */ line: Proxy }>({
  line: async ({ belfry }, use) => {
    const proxy = new Proxy(belfry);
    await proxy.start();
    await use(proxy);
    await proxy.stop();
  },
});

test('a stream that is cut in the middle of an event goes on before it', async ({ belfry, token, line, person }) => {
  const ada = await person('ada', { at: line.url });
  const posted: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    line.cutNext();
    for (const part of ['cut', 'next']) {
      await belfry.post(token, { title: `${part} ${n}` });
      posted.unshift(`${part} ${n}`);
    }
    await ada.shows(posted);
  }
  await ada.live();
});

test('a proxy that answers for the server does not end the stream for good', async ({ belfry, token, line, person }) => {
  const ada = await person('ada', { at: line.url });
  await ada.page.clock.install();
  await ada.page.reload();
  await ada.live();
  line.mode = 'bad gateway';
  line.drop();
  await belfry.post(token, { title: 'meanwhile' });
  await expect(ada.banner).toContainText('Connection lost.');

  // With its clock stopped the page cannot come back by itself, just before the button is pressed.
  await ada.page.clock.pauseAt((await ada.page.evaluate(() => Date.now())) + 1_000);
  await expect(ada.light).toHaveAttribute('data-link', 'waiting');
  line.mode = 'pass';
  await ada.page.getByRole('button', { name: 'Retry now' }).click();
  await ada.page.clock.resume();
  await ada.shows(['meanwhile']);
  await expect(ada.banner).toContainText('Back online, 1 new while away');
  await ada.live();
  await expect(ada.banner).toHaveCount(0);
});

test('a line that falls silent is noticed and renewed', async ({ belfry, token, line, person }) => {
  const ada = await person('ada', { at: line.url });
  await ada.page.clock.install();
  await ada.page.reload();
  await ada.live();
  line.mode = 'silence';
  await belfry.post(token, { title: 'into the void' });
  await ada.page.clock.fastForward('00:45');
  await expect(ada.light).not.toHaveAttribute('data-link', 'open');

  line.mode = 'pass';
  await belfry.post(token, { title: 'heard again' });
  await ada.page.clock.fastForward('00:45');
  await ada.shows(['heard again', 'into the void']);
  await ada.live();
});

test('without a network the page says so, and with one it is level at once', async ({ belfry, token, person }) => {
  const ada = await person('ada');
  await ada.page.context().setOffline(true);
  await expect(ada.light).toHaveAttribute('data-link', 'offline');
  for (const title of ['one', 'two']) await belfry.post(token, { title });
  await expect(ada.banner).toContainText('You are offline');
  await ada.page.context().setOffline(false);
  await ada.shows(['two', 'one']);
  await ada.live();
});

test('who signs out in one tab is told in the other, and nobody else is', async ({ belfry, token, person }) => {
  const [ada, phone] = [await person('ada'), await person('ada')];
  const tab = await ada.page.context().newPage();
  await tab.goto(`${belfry.url}/archive`);
  await tab.getByRole('button', { name: 'Sign out' }).click();
  await expect(ada.light).toHaveAttribute('data-link', 'signed-out');
  await belfry.post(token, { title: 'for those who are in' });
  await phone.shows(['for those who are in']);
  await expect(ada.cards).toHaveCount(0);

  await ada.page.getByRole('link', { name: 'Sign in again' }).click();
  await signIn(ada.page, 'ada');
  await ada.shows(['for those who are in']);
  await ada.live();
});

test('a changed password signs every browser out', async ({ belfry, person }) => {
  const ada = await person('ada');
  belfry.cli(['user', 'passwd', 'ada', '--password-stdin'], `${PASSWORD} 2\n`);
  await expect(ada.light).toHaveAttribute('data-link', 'signed-out');
  await expect(ada.page.getByRole('link', { name: 'Sign in again' })).toBeVisible();
});
