import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

type Env = Record<string, string>;

/**
 * The environment in which a process finds a software Vulkan driver: SwiftShader, which comes with Chromium. Undefined if
 * it is not installed.
 */
export function softwareVulkan(): Env | undefined {
  const folder = chromiumFolders().find((path) => existsSync(join(path, 'vk_swiftshader_icd.json')));
  if (!folder) return undefined;
  const driver = join(folder, 'vk_swiftshader_icd.json');
  return { LD_LIBRARY_PATH: folder, VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver };
}

function chromiumFolders(): string[] {
  const browsers = process.env['PLAYWRIGHT_BROWSERS_PATH'] ?? join(homedir(), '.cache', 'ms-playwright');
  const own = existsSync(browsers) ? readdirSync(browsers).filter((name) => name.startsWith('chromium-')) : [];
  const folders = own.map((name) => join(browsers, name, 'chrome-linux'));
  return ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome', ...folders];
}
