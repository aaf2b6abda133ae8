import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const BINARY = resolve(process.env.BELFRY_BIN ?? '../target/release/belfry');

export const PASSWORD = 'correct horse battery';

/** What a test posts; the rest of the fields are the contract's defaults. */
export interface Draft {
  channel?: string;
  title?: string;
  message?: string;
  [field: string]: unknown;
}

/** The real binary on a free port, with data of its own. */
export class Belfry {
  /** The link that makes the first account, printed while there is none. */
  setupLink?: string;
  /** Scheme, host and port: the same after every restart. */
  url = '';
  private listen = '127.0.0.1:0';
  private process?: ChildProcess;
  private readonly dir = mkdtempSync(join(tmpdir(), 'belfry-'));

  /** Starts and waits until it listens. */
  async start(): Promise<void> {
    const child = spawn(BINARY, ['serve', '--listen', this.listen, '--data-dir', this.dir], {
      cwd: this.dir,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, BELFRY_LOG: 'warn' },
    });
    this.process = child;
    for await (const line of createInterface({ input: child.stdout! })) {
      if (line.startsWith('set up: ')) this.setupLink = line.slice('set up: '.length);
      if (line.startsWith('listening on ')) {
        this.url = line.slice('listening on '.length);
        this.listen = new URL(this.url).host;
        return;
      }
    }
    throw new Error('the server ended before it was ready');
  }

  /** Ends it as a power cut would. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Ends it and removes its data. */
  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Runs a command of the operator beside the running server. */
  cli(args: string[], input = ''): string {
    const [command, verb, ...rest] = args;
    const line = [command!, verb!, '--data-dir', this.dir, ...rest];
    return execFileSync(BINARY, line, { input, encoding: 'utf8', cwd: this.dir }).trim();
  }

  /** Makes an account with the password of all tests. */
  addUser(name: string, ...flags: string[]): void {
    this.cli(['user', 'add', name, '--password-stdin', ...flags], `${PASSWORD}\n`);
  }

  /** Makes a token in the name of an account. */
  token(user: string, scope = 'publish,subscribe'): string {
    return this.cli(['token', 'create', '--user', user, '--label', 'test', '--scope', scope]);
  }

  /** Posts and answers the notification as it was stored. Anything but 2xx is an error. */
  async post(token: string, draft: Draft): Promise<{ id: string; seq: number }> {
    const answer = await fetch(`${this.url}/api/v1/notifications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: 'ci', ...draft }),
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer.json() as Promise<{ id: string; seq: number }>;
  }
}
