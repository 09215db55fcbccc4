import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

/** Makes a command of package.json executable. */
function executable(name: string) {
  return {
    name: 'executable',
    writeBundle: ({ dir = '' }: { dir?: string }) => chmodSync(join(dir, name), 0o755),
  };
}

/**
 * On-demand requires for parts of dockerode: gRPC is needed only for BuildKit builds, SSH only for
 * ssh:// endpoints. Per file: original source text and its replacement.
 */
const deferredRequires: Record<string, Record<string, string>> = {
  'dockerode/lib/docker.js': {
    "withSession = require('./session')":
      "withSession = (...input) => require('dockerode/lib/session')(...input)",
    "require('./buildkit')": "require('dockerode/lib/buildkit')",
  },
  'docker-modem/lib/modem.js': {
    "ssh = require('./ssh')": "ssh = (...input) => require('docker-modem/lib/ssh')(...input)",
  },
};

/**
 * Keeps these parts of dockerode out of the bundle until they are used: loading them takes longer
 * than everything else.
 */
function deferDockerode() {
  return {
    name: 'dockerode-on-demand',
    enforce: 'pre' as const,
    transform(code: string, id: string) {
      const file = Object.keys(deferredRequires).find((name) => id.endsWith(`/${name}`));
      if (!file) return null;
      let changed = code;
      for (const [original, deferred] of Object.entries(deferredRequires[file] ?? {})) {
        if (!changed.includes(original))
          throw new Error(`${file} no longer contains "${original}".`);
        changed = changed.replace(original, deferred);
      }
      return changed;
    },
  };
}

/**
 * Marks the app's own modules as free of side effects, so that unused ones are dropped. Otherwise an
 * import from a folder's index.ts would load the whole folder at start-up.
 */
const ownModules = /^(?!.*\/node_modules\/).*\/(electron|shared)\//;

/**
 * Sets explicit build targets. electron-vite would derive them from the newest Electron, but the
 * app must also run on the oldest one that the setup can provide (Electron 33: Node 20, Chromium
 * 130).
 */
export default defineConfig({
  main: {
    plugins: [executable('cli.js'), deferDockerode()],
    build: {
      target: 'node20',
      outDir: 'out/main',
      externalizeDeps: {
        // Bundled, since resolving and loading many small modules dominates the start-up time.
        exclude: [
          '@fastify/busboy',
          '@orpc/client',
          '@orpc/contract',
          '@orpc/server',
          'dockerode',
          'fastify-type-provider-zod',
          'httpxy',
          'human-id',
          'p-limit',
          'picomatch',
          'range-parser',
          're2js',
          'tar-fs',
          'tar-stream',
          'uint8array-extras',
          'zod',
        ],
      },
      rollupOptions: {
        input: {
          main: 'electron/main.ts',
          headless: 'electron/headless.ts',
          contentsWorker: 'electron/engine/contents/worker/worker.ts',
          cli: 'electron/cli/cli.ts',
        },
        treeshake: { moduleSideEffects: [{ test: ownModules, sideEffects: false }] },
        external: ['dockerode/lib/session', 'dockerode/lib/buildkit', 'docker-modem/lib/ssh'],
        output: { format: 'es' },
      },
    },
  },
  preload: {
    build: {
      target: 'node20',
      outDir: 'out/preload',
      // A sandboxed preload script must be CommonJS.
      rollupOptions: {
        input: { preload: 'electron/preload.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [react()],
    build: {
      target: 'chrome130',
      outDir: 'out/renderer',
      minify: true,
      // Loaded from disk, so chunk size hardly matters.
      chunkSizeWarningLimit: 1000,
      // A single style sheet, so that rule order does not depend on the order in which chunks load.
      cssCodeSplit: false,
      rollupOptions: { input: join(import.meta.dirname, 'renderer', 'index.html') },
    },
  },
});
