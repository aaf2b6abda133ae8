import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Belfry } from './server.ts';

/** What stands between a browser and its server, and how it fails. */
export class Proxy {
  /** To pass everything on, to answer for a server that is away, or to take everything and say nothing. */
  mode: 'pass' | 'bad gateway' | 'silence' = 'pass';
  url = '';
  private cutting = false;
  private readonly streams = new Set<ServerResponse>();
  private readonly server = createServer((request, response) => this.pass(request, response));

  constructor(private readonly belfry: Belfry) {}

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** Breaks every stream now. */
  drop(): void {
    for (const stream of this.streams) stream.destroy();
  }

  /** Breaks every stream in the middle of what it would carry next. */
  cutNext(): void {
    this.cutting = true;
  }

  private pass(incoming: IncomingMessage, response: ServerResponse): void {
    if (this.mode === 'silence') return;
    if (this.mode === 'bad gateway') {
      response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
      return;
    }
    const { method, url, headers } = incoming;
    const onward = request(this.belfry.url + url, { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      response.flushHeaders();
      if (url?.startsWith('/events')) this.carry(answer, response);
      else answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }

  private carry(answer: IncomingMessage, response: ServerResponse): void {
    this.streams.add(response);
    response.on('close', () => this.streams.delete(response));
    answer.on('data', (chunk: Buffer) => {
      if (this.mode !== 'pass') return;
      if (!this.cutting) return void response.write(chunk);
      this.cutting = false;
      response.write(chunk.subarray(0, chunk.length / 2), () => this.drop());
    });
    answer.on('error', () => response.destroy());
    answer.on('end', () => response.end());
  }
}
