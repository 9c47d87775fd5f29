// What a click on the code lens "12 references" does.
import { commands, Location, Position, Range, Uri } from "vscode";
import type * as lsp from "vscode-languageclient";

/** Shows places that the server has found, in the editor's own view. */
export async function showReferences(uri: string, position: lsp.Position, places: lsp.Location[]): Promise<void> {
  await commands.executeCommand(
    "editor.action.showReferences",
    Uri.parse(uri),
    toPosition(position),
    places.map((place) => new Location(Uri.parse(place.uri), toRange(place.range))),
  );
}

function toRange({ start, end }: lsp.Range): Range {
  return new Range(toPosition(start), toPosition(end));
}

export function toPosition({ line, character }: lsp.Position): Position {
  return new Position(line, character);
}
