export default function Balances() {
  return <h1>Balances</h1>;
}
