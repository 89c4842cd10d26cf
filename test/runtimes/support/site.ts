/** A server for pages, on this machine only, with the headers that make them cross-origin isolated or without. */
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
}

/** The headers that a page needs to share memory with threads. */
export const ISOLATION: Readonly<Record<string, string>> = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

/** A folder as a web site. */
export class Site {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(folder: string, headers: Readonly<Record<string, string>>): Promise<Site> {
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost')
      const file = join(folder, normalize(decodeURIComponent(pathname)))
      readFile(file).then(
        (body) =>
          response.writeHead(200, { ...headers, 'Content-Type': TYPES[extname(file)] ?? 'text/plain' }).end(body),
        () => response.writeHead(404, headers).end(),
      )
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    return new Site(server)
  }

  /** The address of a page. Browsers trust this name without a certificate. */
  page(path: string): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}/${path}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
