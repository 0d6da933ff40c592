"""The tables of the demo warehouse. SQLite keeps this text, so the comments in it are the comments of the catalog."""

SCHEMA = """
CREATE TABLE regions ( -- Sales regions
  region_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE -- Name of the region
);
CREATE TABLE countries ( -- Countries that we sell to
  country_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE, -- Name of the country
  code TEXT NOT NULL UNIQUE, -- Two-letter code
  currency TEXT NOT NULL, -- Currency of the country
  region_id INTEGER NOT NULL REFERENCES regions(region_id)
);
CREATE TABLE stores ( -- Shops with a door
  store_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL, -- Name of the store
  city TEXT NOT NULL,
  country_id INTEGER NOT NULL REFERENCES countries(country_id),
  opened_on DATE NOT NULL, -- First day of business
  floor_area INTEGER -- Sales floor [m²]
);
CREATE TABLE warehouses ( -- Where shipments leave from
  warehouse_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL, -- Name of the warehouse
  city TEXT NOT NULL,
  country_id INTEGER NOT NULL REFERENCES countries(country_id),
  capacity INTEGER NOT NULL -- Pallets that fit
);
CREATE TABLE suppliers ( -- Companies that we buy from
  supplier_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL, -- Name of the supplier
  country_id INTEGER NOT NULL REFERENCES countries(country_id),
  lead_time INTEGER, -- From order to delivery [days]
  rating REAL -- Our rating from 1 to 5
);
CREATE TABLE categories ( -- Product categories
  category_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE, -- Name of the category
  department TEXT NOT NULL -- Department that the category belongs to
);
CREATE TABLE products ( -- What we sell
  product_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL, -- Name of the product
  sku TEXT NOT NULL UNIQUE, -- Stock keeping unit
  category_id INTEGER NOT NULL REFERENCES categories(category_id),
  supplier_id INTEGER NOT NULL REFERENCES suppliers(supplier_id),
  price DECIMAL(10,2) NOT NULL, -- List price [EUR]
  cost DECIMAL(10,2) NOT NULL, -- What we pay for it [EUR]
  weight REAL, -- Weight with packing [kg]
  launched_on DATE NOT NULL, -- First day on sale
  is_active BOOLEAN NOT NULL -- Still on sale
);
CREATE TABLE employees ( -- People who work in the stores
  employee_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL, -- Name of the employee
  job_title TEXT NOT NULL,
  store_id INTEGER NOT NULL REFERENCES stores(store_id),
  hired_on DATE NOT NULL,
  salary DECIMAL(10,2) NOT NULL -- Gross salary a year [EUR]
);
CREATE TABLE customers ( -- People and companies who buy
  customer_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL, -- Name of the customer
  email TEXT,
  segment TEXT, -- Customer segment
  city TEXT,
  country_id INTEGER NOT NULL REFERENCES countries(country_id),
  joined_on DATE NOT NULL, -- Day of registration
  newsletter BOOLEAN NOT NULL -- Gets the newsletter
);
CREATE TABLE promotions ( -- Sales campaigns
  promotion_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL, -- Name of the promotion
  starts_on DATE NOT NULL,
  ends_on DATE NOT NULL,
  discount_percent REAL NOT NULL -- Discount of the promotion [%]
);
CREATE TABLE orders ( -- Orders of customers
  order_id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers(customer_id),
  store_id INTEGER REFERENCES stores(store_id), -- Store of the purchase, empty for online and phone orders
  employee_id INTEGER REFERENCES employees(employee_id), -- Who sold it in the store
  promotion_id INTEGER REFERENCES promotions(promotion_id),
  ordered_at TIMESTAMP NOT NULL, -- When the order was placed
  channel TEXT NOT NULL, -- Sales channel
  status TEXT NOT NULL, -- Status of the order
  currency TEXT NOT NULL, -- Currency in which the customer pays
  total DECIMAL(10,2) NOT NULL, -- Order value [EUR]
  local_total DECIMAL(10,2) NOT NULL -- Order value in the currency of the customer
);
CREATE TABLE order_lines ( -- Products of each order
  order_line_id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders(order_id),
  product_id INTEGER NOT NULL REFERENCES products(product_id),
  quantity INTEGER NOT NULL, -- Units sold
  unit_price DECIMAL(10,2) NOT NULL, -- Price of one unit before discount [EUR]
  discount REAL NOT NULL, -- Share taken off the price, 0 to 1
  revenue DECIMAL(10,2) NOT NULL -- Net revenue, sales after discount [EUR]
);
CREATE TABLE shipments ( -- Parcels sent to customers
  shipment_id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders(order_id),
  warehouse_id INTEGER NOT NULL REFERENCES warehouses(warehouse_id),
  carrier TEXT NOT NULL, -- Who delivers
  status TEXT NOT NULL, -- Status of the shipment
  shipped_at TIMESTAMP NOT NULL, -- When it left the warehouse
  delivered_at TIMESTAMP, -- When it arrived
  shipping_cost DECIMAL(10,2) NOT NULL -- What the carrier charged [EUR]
);
CREATE TABLE payments ( -- Payments of orders
  payment_id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders(order_id),
  method TEXT NOT NULL, -- Payment method
  status TEXT NOT NULL, -- Status of the payment
  paid_at TIMESTAMP NOT NULL, -- When it was paid
  amount DECIMAL(10,2) NOT NULL, -- Amount in the currency of the payment
  currency TEXT NOT NULL
);
CREATE TABLE returns ( -- Order lines that came back
  return_id INTEGER PRIMARY KEY,
  order_line_id INTEGER NOT NULL REFERENCES order_lines(order_line_id),
  returned_at TIMESTAMP NOT NULL, -- When it came back
  quantity INTEGER NOT NULL, -- Units returned
  reason TEXT, -- Reason of the return
  refund DECIMAL(10,2) NOT NULL -- Refunded amount [EUR]
);
CREATE TABLE exchange_rates ( -- Daily exchange rates
  rate_date DATE NOT NULL,
  currency TEXT NOT NULL,
  rate REAL NOT NULL, -- Units of the currency for one euro
  PRIMARY KEY (rate_date, currency)
);
"""

INDEXES = """
CREATE INDEX countries_region ON countries(region_id);
CREATE INDEX products_category ON products(category_id);
CREATE INDEX customers_country ON customers(country_id);
CREATE INDEX customers_name ON customers(name);
CREATE INDEX orders_customer ON orders(customer_id, ordered_at, total);
CREATE INDEX orders_time ON orders(ordered_at, total, customer_id, channel, status);
CREATE INDEX lines_order ON order_lines(order_id, product_id, quantity, revenue);
CREATE INDEX lines_product ON order_lines(product_id, order_id, quantity, revenue);
CREATE INDEX shipments_order ON shipments(order_id);
CREATE INDEX shipments_time ON shipments(shipped_at, order_id, carrier, status);
CREATE INDEX payments_order ON payments(order_id);
CREATE INDEX payments_time ON payments(paid_at);
CREATE INDEX returns_line ON returns(order_line_id);
CREATE INDEX returns_time ON returns(returned_at);
"""
