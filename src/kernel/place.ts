/** Where in a file an administrator has to look. Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `rules/linux.yaml:12:5`, the form that editors make clickable. */
export function describePlace(place: Place): string {
  return `${place.file}:${place.line}:${place.column}`;
}
