function handler(event) {
  return admitOperators(event);
}
