import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm run dev` of this folder finds an api; the built console is served by the api itself. */
const api = process.env['CROSSCHECK_URL'] ?? 'http://127.0.0.1:7400';
const proxied = ['/v1', '/docs', '/openapi.json', '/ops/queues', '/metrics'];

export default defineConfig({
  plugins: [react()],
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
  server: { proxy: Object.fromEntries(proxied.map((path) => [path, { target: api, changeOrigin: false }])) },
});
