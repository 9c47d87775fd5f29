// What follows an extraction: the user gives what was extracted a name.
import { commands, Uri } from "vscode";
import type * as lsp from "vscode-languageclient";
import { toPosition } from "./references";

/** Opens the editor's own box for a new name, at a place of a text as it is now. */
export async function rename(uri: string, position: lsp.Position): Promise<void> {
  await commands.executeCommand("editor.action.rename", [Uri.parse(uri), toPosition(position)]);
}
