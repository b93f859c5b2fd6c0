export default function Entries() {
  return <h1>Entries</h1>;
}
