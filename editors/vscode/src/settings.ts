// What the user chose, in the form the server reads.
import { type ExtensionContext, type Uri, workspace } from "vscode";

/**
 * Every option of the server by its full name, null where the user chose nothing.
 *
 * VS Code would send its defaults too, and they would win over a preset and over
 * the settings files that the server reads itself.
 */
export function chosen(context: ExtensionContext, resource?: Uri): Record<string, unknown> {
  const settings = workspace.getConfiguration("nootropic", resource);
  const names = Object.keys(context.extension.packageJSON.contributes.configuration.properties)
    .map((name) => name.replace(/^nootropic\./, ""))
    .filter((name) => !/^(server|trace)\./.test(name));
  return Object.fromEntries(
    names.map((name) => {
      const found = settings.inspect(name);
      const isChosen = [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].some(
        (value) => value !== undefined,
      );
      // get() and not the value found: it knows what an untrusted workspace may not say.
      return [name, isChosen ? settings.get(name) : null];
    }),
  );
}
