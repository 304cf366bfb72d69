import { existsSync } from 'node:fs';

/** Where Linux shows a GPU: most drivers, NVIDIA's own, AMD's compute, WSL. */
const NODES = ['/dev/dri/renderD128', '/dev/nvidia0', '/dev/kfd', '/dev/dxg'];

/**
 * Why webgpu would run on the processor, and slower than the processor itself; undefined where it may be a real device.
 * A Vulkan of software (lavapipe, SwiftShader) starts like any other and does not say what it is.
 */
export function whyNoGraphics(platform: NodeJS.Platform, exists = existsSync): string | undefined {
  if (platform !== 'linux' || NODES.some((path) => exists(path))) return undefined;
  return `there is no GPU (none of ${NODES.join(', ')})`;
}
