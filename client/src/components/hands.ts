import { MarkSelectTool } from './select-tool.js';

/*
 * The code of tools that many people never use. It is loaded when one of them is chosen.
 */
export function createSelectTool(sheet: ConstructorParameters<typeof MarkSelectTool>[0]): MarkSelectTool {
  return new MarkSelectTool(sheet);
}
