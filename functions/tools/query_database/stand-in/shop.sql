-- A small shop. Every row is invented; the numbers follow from the ids, so they are the same every time.

CREATE TABLE customers (
  id integer PRIMARY KEY,
  name text NOT NULL,
  city text NOT NULL,
  country text NOT NULL,
  joined_on date NOT NULL
);

CREATE TABLE products (
  id integer PRIMARY KEY,
  name text NOT NULL,
  category text NOT NULL,
  price numeric(10, 2) NOT NULL
);

CREATE TABLE orders (
  id integer PRIMARY KEY,
  customer_id integer NOT NULL REFERENCES customers,
  ordered_at timestamptz NOT NULL,
  status text NOT NULL CHECK (status IN ('paid', 'shipped', 'delivered', 'returned'))
);

CREATE TABLE order_items (
  order_id integer NOT NULL REFERENCES orders,
  product_id integer NOT NULL REFERENCES products,
  quantity integer NOT NULL,
  unit_price numeric(10, 2) NOT NULL,
  PRIMARY KEY (order_id, product_id)
);

INSERT INTO customers VALUES
  (1, 'Aiko Tanaka', 'Tokyo', 'Japan', '2025-01-14'),
  (2, 'Ben Carter', 'London', 'United Kingdom', '2025-01-29'),
  (3, 'Chiara Rossi', 'Rome', 'Italy', '2025-02-11'),
  (4, 'David Kim', 'Seoul', 'South Korea', '2025-03-03'),
  (5, 'Elena Garcia', 'Madrid', 'Spain', '2025-03-22'),
  (6, 'Finn Larsen', 'Stockholm', 'Sweden', '2025-04-08'),
  (7, 'Grace Miller', 'San Francisco', 'United States', '2025-05-17'),
  (8, 'Hugo Martin', 'Paris', 'France', '2025-06-02'),
  (9, 'Ines Weber', 'Berlin', 'Germany', '2025-07-19'),
  (10, 'Jack Wilson', 'Sydney', 'Australia', '2025-08-30'),
  (11, 'Kavya Rao', 'Mumbai', 'India', '2025-10-05'),
  (12, 'Liam Brown', 'New York', 'United States', '2025-11-26');

INSERT INTO products VALUES
  (1, 'Notebook', 'paper', 6.50),
  (2, 'Fountain pen', 'writing', 38.00),
  (3, 'Pencil set', 'writing', 12.90),
  (4, 'Desk lamp', 'office', 54.00),
  (5, 'Paper clips', 'office', 2.40),
  (6, 'Wall calendar', 'paper', 17.50),
  (7, 'Ink, blue', 'writing', 9.80),
  (8, 'Letter tray', 'office', 21.00);

INSERT INTO orders
SELECT id,
       1 + (id * 7) % 12,
       timestamptz '2026-01-02 09:00:00+00' + id * interval '2 days 5 hours',
       (ARRAY['paid', 'shipped', 'delivered', 'delivered', 'returned'])[1 + id % 5]
FROM generate_series(1, 60) AS id;

INSERT INTO order_items
SELECT o.id, p.id, 1 + (o.id + line) % 3, p.price
FROM orders o
CROSS JOIN generate_series(0, 2) AS line
JOIN products p ON p.id = 1 + (o.id * 3 + line * 5) % 8
WHERE line <= o.id % 3;

ANALYZE;

-- Who comes in over the network only reads, as functions/README.md says of a role for query_database.
CREATE ROLE sandbox LOGIN;
GRANT USAGE ON SCHEMA public TO sandbox;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO sandbox;
