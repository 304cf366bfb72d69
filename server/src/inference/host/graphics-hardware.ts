import { existsSync } from 'node:fs';

/** Device files of GPUs on Linux: most drivers, NVIDIA's own, AMD's compute driver, WSL. */
const NODES = ['/dev/dri/renderD128', '/dev/nvidia0', '/dev/kfd', '/dev/dxg'];

/**
 * Why webgpu would run on the CPU, slower than the CPU backend itself; undefined if there may be a GPU. Software Vulkan
 * (lavapipe, SwiftShader) starts like a real device and does not identify itself.
 */
export function whyNoGraphics(platform: NodeJS.Platform, exists = existsSync): string | undefined {
  if (platform !== 'linux' || NODES.some((path) => exists(path))) return undefined;
  return `there is no GPU (none of ${NODES.join(', ')})`;
}
