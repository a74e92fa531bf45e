/** Where messages of `destination` go that cannot be handled, unless their subscription says otherwise. */
export function deadLetterOf(destination: string): string {
  return `${destination}.dead`;
}
