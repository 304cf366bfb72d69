import { execFileSync } from 'node:child_process';

/** Debian puts servers into folders that are not on the path of every user. */
export const TOOLS_ENV = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };

/**
 * Whether a command is installed. Without it, tests that need it are left out, in capital letters.
 *
 * @param what is left out
 * @param debianPackage what brings the command
 */
export function hasTool(command: string, what: string, debianPackage = command): boolean {
  try {
    execFileSync('which', [command], { env: TOOLS_ENV, stdio: 'ignore' });
    return true;
  } catch {
    console.warn(
      `${command.toUpperCase()} IS NOT INSTALLED: LEFT OUT ${what.toUpperCase()}. apt install ${debianPackage}`,
    );
    return false;
  }
}
