import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Where `npm run dev` of this folder finds an api; the built console is served by the api itself. */
const api = process.env['CROSSCHECK_URL'] ?? 'http://127.0.0.1:7400';
const proxied = ['/v1', '/docs', '/openapi.json', '/ops/queues', '/metrics'];

/** Beside each file its compressed forms, made once and as small as they get: the api sends them as they lie there. */
const compressed: Plugin = {
  name: 'compressed',
  writeBundle({ dir = '.' }, bundle) {
    for (const [name, file] of Object.entries(bundle)) {
      if (!name.startsWith('assets/')) continue;
      const content = Buffer.from(file.type === 'chunk' ? file.code : file.source);
      writeFileSync(path.join(dir, `${name}.gz`), gzipSync(content, { level: 9 }));
      writeFileSync(path.join(dir, `${name}.br`), brotliCompressSync(content));
    }
  },
};

export default defineConfig({
  plugins: [react(), compressed],
  build: {
    target: 'es2023',
    outDir: 'dist',
    emptyOutDir: true,
    // Nothing may stand inside of a style sheet or script as data: the policy of the page allows files alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: true,
  },
  server: { proxy: Object.fromEntries(proxied.map((prefix) => [prefix, { target: api, changeOrigin: false }])) },
});
