import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pack, { inflate } from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

export interface TestBrowser {
  readonly browser: Browser;
  /** Ends the browser and removes what was unpacked for it. Call in `afterAll`. */
  close(): Promise<void>;
}

/**
 * Flags for Lambda that would hide what is tested: the same-origin policy stays on, and the browser keeps its processes apart as it does for
 * people. `--headless` is playwright's to set.
 */
const NOT_WANTED =
  /^--(single-process|no-zygote|headless|disable-web-security|allow-running-insecure-content|disable-features|enable-features)/;

/**
 * Headless Chromium from npm, which plays H.264 and AAC. Nothing of the system is used but libc: the package's own libraries (NSS, NSPR, expat) are
 * unpacked beside it, so it needs Linux on x64 with glibc 2.34 or newer (Debian 12, Ubuntu 22.04, Amazon Linux 2023). Works as root and as any user.
 */
export async function launchBrowser(): Promise<TestBrowser> {
  const directory = await mkdtemp(join(tmpdir(), 'videopick-browser-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const browser = await launch(directory);
    return { browser, close: () => browser.close().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function launch(directory: string): Promise<Browser> {
  const executablePath = await unpack(directory);
  const home = join(directory, 'home');
  await mkdir(home);
  return chromium.launch({
    executablePath,
    args: [...pack.args.filter((flag) => !NOT_WANTED.test(flag)), '--disable-dev-shm-usage', '--mute-audio'],
    env: {
      ...definedOf(process.env),
      HOME: home,
      TMPDIR: directory,
      FONTCONFIG_FILE: await writeFontsConfig(directory),
      LD_LIBRARY_PATH: join(directory, 'al2023', 'lib'),
    },
  });
}

/**
 * The package unpacks into the system's temporary directory, once for all: two processes would trip over each other's half-written files. It reads
 * that directory's name before it first waits, so it is changed for that moment only.
 */
async function unpack(directory: string): Promise<string> {
  const libraries = resolve(createRequire(import.meta.url).resolve('@sparticuz/chromium'), '../../bin/al2023.tar.br');
  const before = process.env.TMPDIR;
  process.env.TMPDIR = directory;
  const unpacked = Promise.all([pack.executablePath(), inflate(libraries)]);
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  return (await unpacked)[0];
}

/** The package's one font, and those of the system where there are any: without a font at all Chromium does not start. */
async function writeFontsConfig(directory: string): Promise<string> {
  const file = join(directory, 'fonts.conf');
  const folders = [join(directory, 'fonts'), '/usr/share/fonts', '/usr/local/share/fonts'].map((folder) => `<dir>${folder}</dir>`);
  const cache = `<cachedir>${join(directory, 'fonts-cache')}</cachedir>`;
  await writeFile(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${folders.join('')}<dir prefix="xdg">fonts</dir>${cache}</fontconfig>`,
  );
  return file;
}

function definedOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
