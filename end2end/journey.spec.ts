import { expect, Inbox, PASSWORD, signIn, test } from './fixtures.ts';

test('from the set-up link to the first notification', async ({ bare, page }) => {
  await page.goto(bare.setupLink!);
  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL(`${bare.url}/`);

  const inbox = new Inbox(page);
  await inbox.live();
  await expect(page.getByText('Listening…')).toBeVisible();
  await inbox.compose('Backup done', 'All 3 volumes are safe');
  await expect(inbox.card('Backup done')).toContainText('All 3 volumes are safe');
  await expect(page).toHaveTitle('(1) Inbox · Belfry');

  await page.reload();
  await expect(inbox.card('Backup done')).toBeVisible();

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(`${bare.url}/login`);
  await signIn(page, 'ada', 'wrong password');
  await expect(page.getByText('User name or password is wrong')).toBeVisible();
  await signIn(page, 'ada');
  await page.waitForURL(`${bare.url}/`);
  await expect(inbox.card('Backup done')).toBeVisible();
});

test('the set-up link works once', async ({ bare, page }) => {
  const link = bare.setupLink!;
  bare.addUser('ada', '--admin');
  const answer = await page.goto(link);
  expect(answer?.status()).toBe(410);
  await expect(page.getByText('set up already')).toBeVisible();
});

test('a refused notification says what to mend and keeps what was typed', async ({ belfry, page }) => {
  await page.goto(`${belfry.url}/login`);
  await signIn(page, 'ada');
  const inbox = new Inbox(page);
  await inbox.live();
  await inbox.compose('Title', 'Message', 'not a channel');
  const channel = page.getByLabel('Channel', { exact: true });
  await expect(channel).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('#e-channel')).not.toBeEmpty();
  await expect(channel).toHaveValue('not a channel');
  await expect(page.getByLabel('Message')).toHaveValue('Message');
  await channel.fill('ci');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(inbox.card('Title')).toBeVisible();
  await expect(page.getByLabel('Message')).toHaveValue('');
});

test('a card that came by the API is there at once', async ({ belfry, token, page }) => {
  await page.goto(`${belfry.url}/login`);
  await signIn(page, 'ada');
  const inbox = new Inbox(page);
  await inbox.live();
  const { id } = await belfry.post(token, { title: 'Deploy', message: 'running', key: 'deploy' });
  await expect(inbox.card('Deploy')).toContainText('running');
  await belfry.post(token, { key: 'deploy', message: 'done', state: 'success' });
  await expect(inbox.card('Deploy')).toContainText('done');
  await expect(inbox.cards).toHaveCount(1);
  const gone = await fetch(`${belfry.url}/api/v1/notifications/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  });
  expect(gone.status).toBe(204);
  await expect(inbox.cards).toHaveCount(0);
});
