import { expect, test } from './fixtures.ts';

test('a server that is killed and comes back loses and repeats nothing', async ({ belfry, token, person }) => {
  const people = [await person('ada'), await person('ada'), await person('ben')];
  const acknowledged: string[] = [];
  const post = async (title: string) => {
    await belfry.post(token, { title });
    acknowledged.unshift(title);
  };
  for (let n = 0; n < 20; n += 1) await post(`before ${n}`);
  await belfry.kill();
  for (const inbox of people) await expect(inbox.light).not.toHaveAttribute('data-link', 'open');

  await belfry.start();
  const returned = Date.now();
  for (let n = 0; n < 5; n += 1) await post(`after ${n}`);
  for (const inbox of people) {
    await inbox.shows(acknowledged, 3_000 - (Date.now() - returned));
    await expect(inbox.light).toHaveAttribute('data-link', 'open');
  }
  expect(Date.now() - returned).toBeLessThan(3_000);
});

test('what was typed and read while the server was away is not lost silently', async ({ belfry, token, person }) => {
  await belfry.post(token, { title: 'kept' });
  const ada = await person('ada');
  await belfry.kill();
  await ada.card('kept').getByRole('button', { name: 'Mark as read' }).click();
  const trouble = ada.card('kept').getByRole('alert');
  await expect(trouble).toBeVisible();
  await expect(ada.card('kept')).toHaveAttribute('data-unread', 'true');
  await ada.compose('typed', 'in vain');
  await expect(ada.page.locator('.send').getByRole('alert')).not.toBeEmpty();
  await expect(ada.page.getByLabel('Message')).toHaveValue('in vain');

  await belfry.start();
  await ada.live();
  await trouble.getByRole('button', { name: 'Retry' }).click();
  await expect(ada.card('kept')).toHaveAttribute('data-unread', 'false');
  await expect(trouble).toHaveCount(0);
  await ada.page.getByRole('button', { name: 'Send' }).click();
  await expect(ada.card('typed')).toBeVisible();
  await expect(ada.page.locator('.send .error')).toBeEmpty();
});
