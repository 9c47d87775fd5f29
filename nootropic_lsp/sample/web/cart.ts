/** A product as the server sends it. */
export interface Product {
  code: string;
  title: string;
  priceCents: number;
}

/** A number of pieces of one product. */
export interface Line {
  product: Product;
  pieces: number;
}

/** What the customer sees before the order is sent. */
export class Basket {
  private readonly lines: Line[] = [];

  /** Add pieces of a product; a second time, they are added up. */
  add(product: Product, pieces = 1): void {
    const known = this.lines.find((line) => line.product.code === product.code);
    if (known) {
      known.pieces += pieces;
    } else {
      this.lines.push({ product, pieces });
    }
  }

  /** The sum of all lines, in cents. */
  totalCents(): number {
    return this.lines.reduce((sum, line) => sum + line.pieces * line.product.priceCents, 0);
  }

  isEmpty(): boolean {
    return this.lines.length === 0;
  }
}
