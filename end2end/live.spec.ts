import { expect, test } from './fixtures.ts';

test('200 notifications, by form and by program, are in every browser once and in one order', async ({ belfry, token, person }) => {
  const [ada, ben, adasPhone] = [await person('ada'), await person('ben'), await person('ada')];
  const byForm = async () => {
    for (let n = 0; n < 40; n += 1) {
      await ada.compose(`form ${n}`);
      await expect(ada.card(`form ${n}`)).toHaveCount(1);
    }
  };
  const byProgram = async (name: string) => {
    for (let n = 0; n < 40; n += 1) await belfry.post(token, { title: `${name} ${n}` });
  };
  await Promise.all([byForm(), ...['one', 'two', 'three', 'four'].map(byProgram)]);

  const expected = ['form', 'one', 'two', 'three', 'four'].flatMap((name) => Array.from({ length: 40 }, (_, n) => `${name} ${n}`));
  for (const inbox of [ada, ben, adasPhone]) {
    await expect(inbox.cards).toHaveCount(200);
    await expect(inbox.page).toHaveTitle('(200) Inbox · Belfry');
  }
  const titles = await ada.titles();
  expect(titles.toSorted()).toEqual(expected.toSorted());
  expect(await ben.titles()).toEqual(titles);
  expect(await adasPhone.titles()).toEqual(titles);
  const places = await ben.cards.evaluateAll((cards) => cards.map((card) => Number(card.getAttribute('data-seq'))));
  expect(places).toEqual(places.toSorted((a, b) => b - a));
});

test('what is read and archived follows its reader and nobody else', async ({ belfry, token, person }) => {
  for (const title of ['first', 'second']) await belfry.post(token, { title });
  const [ada, adasPhone, ben] = [await person('ada'), await person('ada'), await person('ben')];

  await ada.read('first');
  await expect(adasPhone.card('first')).toHaveAttribute('data-unread', 'false');
  await adasPhone.archive('second');
  await adasPhone.page.mouse.move(0, 0);
  await expect(ada.card('second')).toHaveCount(0);
  for (const inbox of [ada, adasPhone]) {
    await expect(inbox.page).toHaveTitle('Inbox · Belfry');
    await expect(inbox.cards).toHaveCount(1);
  }
  await expect(ben.cards).toHaveCount(2);
  await expect(ben.card('first')).toHaveAttribute('data-unread', 'true');
  await expect(ben.page).toHaveTitle('(2) Inbox · Belfry');

  await ada.page.getByRole('link', { name: 'Archive' }).click();
  await expect(ada.page).toHaveURL(`${belfry.url}/archive`);
  await ada.card('second').getByRole('button', { name: 'Move to inbox' }).click();
  await expect(adasPhone.card('second')).toBeVisible();
  await ada.page.goBack();
  await expect(ada.cards).toHaveCount(2);
});

test('the list stands still under a reader, and says what is new', async ({ belfry, token, person }) => {
  for (let n = 0; n < 30; n += 1) await belfry.post(token, { title: `old ${n}` });
  const ada = await person('ada');
  await ada.page.mouse.wheel(0, 600);
  await expect.poll(() => ada.page.evaluate(() => scrollY)).toBeGreaterThan(500);
  for (const title of ['new one', 'new two']) await belfry.post(token, { title });
  const pill = ada.page.getByRole('button', { name: '2 new' });
  await expect(pill).toBeVisible();
  await expect(ada.cards).toHaveCount(30);
  await expect(ada.page).toHaveTitle('(32) Inbox · Belfry');
  await pill.click();
  await expect(ada.cards).toHaveCount(32);
  await expect(ada.card('new two')).toBeInViewport();
});

test('older pages are added to the list', async ({ belfry, token, person }) => {
  for (let n = 0; n < 70; n += 1) await belfry.post(token, { title: `post ${n}` });
  const ada = await person('ada');
  await ada.page.getByRole('link', { name: 'Load older' }).click();
  await expect(ada.cards).toHaveCount(70);
  expect(await ada.titles()).toEqual(Array.from({ length: 70 }, (_, n) => `post ${69 - n}`));
});
