import { expect, test } from './fixtures.ts';

const HOSTILE = [
  '**bold** and `code` and [a link](https://example.org/x)',
  '[bad](javascript:document.title="owned")',
  '<img src=x onerror="document.title=1"><script>document.title=2</script>',
  '![picture](https://example.org/track.gif)',
].join('\n\n');

test('markdown is formatted, and HTML in it is text', async ({ belfry, token, person }) => {
  const ada = await person('ada');
  const foreign: string[] = [];
  ada.page.on('request', (request) => {
    if (!request.url().startsWith(belfry.url)) foreign.push(request.url());
  });
  await belfry.post(token, { title: 'Report', message: HOSTILE, markdown: true });
  await belfry.post(token, { title: 'Plain', message: '**not bold**' });
  const check = async () => {
    const report = ada.card('Report');
    await expect(report.locator('strong')).toHaveText('bold');
    await expect(report.locator('code')).toHaveText('code');
    const links = report.getByRole('link');
    await expect(links).toHaveText(['a link', 'picture']);
    await expect(links.first()).toHaveAttribute('rel', 'noopener noreferrer');
    await expect(report.locator('img, script')).toHaveCount(0);
    await expect(report).toContainText('<script>document.title=2</script>');
    await expect(ada.card('Plain')).toContainText('**not bold**');
  };
  await check();
  await ada.page.reload();
  await ada.live();
  await check();
  await expect(ada.page).toHaveTitle('(2) Inbox · Belfry');
  expect(foreign).toEqual([]);
});
