import { Basket, Product } from "./cart";

const basket = new Basket();

/** Cents as people write them. */
export function formatPrice(cents: number): string {
  return (cents / 100).toFixed(2);
}

export function showBasket(element: HTMLElement, shown: Basket): void {
  element.textContent = shown.isEmpty() ? "Your basket is empty" : formatPrice(shown.totalCents());
}

export function onBuy(element: HTMLElement, product: Product): void {
  basket.add(product);
  showBasket(element, basket);
}
