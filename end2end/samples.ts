import type { Draft } from './server.ts';

/** What a house with a few machines sends in a day, oldest first, each with its age in minutes. */
export const DAY: [age: number, draft: Draft][] = [
  [1500, { channel: 'tls', title: 'Certificate renewed for example.org', message: 'Valid until 18 Feb 2027.', priority: 1, tags: ['caddy'] }],
  [610, { channel: 'backups', title: 'Nightly backup finished', message: '12 min 4 s, 0 errors, 4.1 GB added.', priority: 2, state: 'success', tags: ['restic', 'vault'] }],
  [190, { channel: 'home', message: 'Washing machine is done', priority: 3 }],
  [
    84,
    {
      channel: 'deploys',
      title: 'web 2.14.0 is live',
      message: '**What changed**\n\n- Search answers in half the time\n- `GET /status` names the region\n\nRolled out to 3 of 3 nodes.',
      markdown: true,
      state: 'success',
      tags: ['web', 'eu-west'],
      actions: [{ label: 'Release notes', url: 'https://git.example.org/web/releases/2.14.0' }],
    },
  ],
  [
    41,
    {
      channel: 'ci',
      title: 'Build #4182 failed on main',
      message: '3 of 912 tests failed: sse_resume, auth_csrf, snooze_dst',
      priority: 4,
      state: 'failure',
      tags: ['main'],
      click: 'https://ci.example.org/builds/4182',
    },
  ],
  [
    12,
    {
      channel: 'backups',
      title: 'Restic backup of vault',
      message: '184 of 301 GB, 22 min left',
      key: 'vault',
      state: 'running',
      progress: 61,
      append: 'scanned 48,210 files\nuploading pack 1,904 of 3,122',
    },
  ],
  [9, { channel: 'mail', title: 'Queue is growing', message: '214 messages wait for mx1.example.net: connection timed out.', priority: 4, state: 'warning', tags: ['postfix'] }],
  [
    2,
    {
      channel: 'disks',
      title: 'Disk 96 % on atlas',
      message: '/dev/sda1 has 3.1 GB left. Growth 1.2 GB/h, full in about 2 h 35 m.',
      priority: 5,
      state: 'warning',
      tags: ['atlas', 'disk'],
      actions: [
        { label: 'Open dashboard', url: 'https://grafana.example.org/d/atlas' },
        { label: 'Runbook', url: 'https://wiki.example.org/disk-full' },
      ],
    },
  ],
];
