"""Columns with the tag that each should get; every second one is a look-alike that should get none."""

from knowledge.catalog.model import Column, DataType, Table

T, N, D, TS = DataType.TEXT, DataType.INTEGER, DataType.DATE, DataType.TIMESTAMP
PEOPLE = ("Ada Lovelace", "Ben O'Neil", "Zoë Müller", "Jean-Luc Petit", "Maria da Silva", "Li Wei")
FIRST = ("Ada", "Ben", "Zoë", "Jean-Luc", "Maria", "Wei")
LAST = ("Lovelace", "O'Neil", "Müller", "Petit", "da Silva".title(), "Wei")
MAILS = ("ada@example.org", "ben.oneil@mail.example.com", "z.mueller@example.de", "jl+x@example.fr", "wei@example.cn")
PHONES = ("+49 30 1234567", "+33 1 23 45 67 89", "+1 (555) 010-9999", "+44 20 7946 0018", "+61 2 5550 1234")
LOCAL = ("(555) 010-9999", "555-010-1234", "030 1234567", "0151 23456789", "020 7946 0018")
STREETS = ("12 High Street", "Hauptstraße 5", "1600 Example Avenue", "Rue du Test 7", "Am Weg 3a")
IBANS = ("DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606", "NL91ABNA0417164300")
CARDS = ("4111111111111111", "5500005555555559", "340000000000009", "6011000990139424", "4012888888881881")
SSNS = ("123-45-6789", "219-09-9999", "457-55-5462", "078-05-1120", "321-54-9876")
IPS = ("8.8.8.8", "203.0.114.7", "151.101.1.69", "93.184.216.34", "2606:4700::1111")
PRIVATE = ("10.0.0.1", "10.0.0.2", "192.168.1.1", "172.16.0.9")
JWTS = ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIyIn0.c2ln")
HASHES = ("$2b$12$abcdefghijklmnopqrstuv", "$2b$12$zyxwvutsrqponmlkjihgfe")
OPAQUE = ("a8Kd93kfLs02mQz1", "b7Jc82jeKr91lPy0", "c6Ib71idJq80kOx9")
COMPANIES = ("Acme GmbH", "Northwind Ltd", "Contoso Inc", "Fabrikam AG", "Example Corp")
COUNTRY = ("Germany", "France", "Spain", "Italy")
WORDS = ("alpha", "beta", "gamma", "delta")
PASSPORTS = ("C01X00T47", "L898902C3", "K12345678", "P87654321")

Case = tuple[str, str, DataType, tuple[str, ...], str]
"""Table, column, type, sampled values (for numbers and dates their two ends), tag or nothing."""

PERSONAL: tuple[Case, ...] = (
    ("users", "email", T, MAILS, "pii:email"), ("users", "email_address", T, MAILS, "pii:email"),
    ("leads", "contact", T, MAILS, "pii:email"), ("logs", "sender", T, MAILS, "pii:email"),
    ("users", "e_mail", T, (), "pii:email"), ("crm", "workEmail", T, MAILS, "pii:email"),
    ("crm", "EMAIL_1", T, MAILS, "pii:email"), ("clientes", "correo", T, MAILS, "pii:email"),
    ("tickets", "reply_to", T, MAILS, "pii:email"), ("users", "login", T, MAILS, "pii:email"),
    ("users", "phone", T, PHONES, "pii:phone"), ("users", "phone_number", T, LOCAL, "pii:phone"),
    ("users", "mobile", T, LOCAL, "pii:phone"), ("kunden", "telefon", T, LOCAL, "pii:phone"),
    ("users", "cell_phone", T, LOCAL, "pii:phone"), ("calls", "caller", T, PHONES, "pii:phone"),
    ("calls", "msisdn", N, ("491511234567", "491519999999"), "pii:phone"), ("offices", "fax", T, LOCAL, "pii:phone"),
    ("contacts", "homePhone", T, LOCAL, "pii:phone"), ("contacts", "phone_2", T, LOCAL, "pii:phone"),
    ("sms", "whatsapp_number", T, PHONES, "pii:phone"), ("users", "tel", T, LOCAL, "pii:phone"),
    ("customers", "first_name", T, FIRST, "pii:name"), ("customers", "last_name", T, LAST, "pii:name"),
    ("customers", "name", T, PEOPLE, "pii:name"), ("employees", "full_name", T, PEOPLE, "pii:name"),
    ("employees", "Surname", T, LAST, "pii:name"), ("patients", "maiden_name", T, LAST, "pii:name"),
    ("personen", "vorname", T, FIRST, "pii:name"), ("personen", "nachname", T, LAST, "pii:name"),
    ("personnes", "prenom", T, FIRST, "pii:name"), ("clientes", "apellidos", T, LAST, "pii:name"),
    ("orders", "customer_name", T, PEOPLE, "pii:name"), ("visits", "patient_name", T, PEOPLE, "pii:name"),
    ("cards", "cardholder_name", T, PEOPLE, "pii:name"), ("books", "author_name", T, PEOPLE, "pii:name"),
    ("users", "display_name", T, PEOPLE, "pii:name"), ("people", "givenName", T, FIRST, "pii:name"),
    ("staff", "name", T, PEOPLE, "pii:name"), ("deals", "owner_name", T, PEOPLE, "pii:name"),
    ("flights", "passenger_name", T, PEOPLE, "pii:name"), ("hr_employees", "name", T, PEOPLE, "pii:name"),
    ("customers", "street", T, STREETS, "pii:address"), ("customers", "address", T, STREETS, "pii:address"),
    ("customers", "address_line_1", T, STREETS, "pii:address"), ("customers", "address1", T, STREETS, "pii:address"),
    ("kunden", "strasse", T, STREETS, "pii:address"), ("orders", "shipping_address", T, STREETS, "pii:address"),
    ("users", "home_address", T, STREETS, "pii:address"), ("users", "street_address", T, STREETS, "pii:address"),
    ("orders", "billing_street", T, STREETS, "pii:address"), ("kunden", "anschrift", T, STREETS, "pii:address"),
    ("accounts", "iban", T, IBANS, "pii:iban"), ("payments", "creditor_account", T, IBANS, "pii:iban"),
    ("payments", "bank_details", T, IBANS, "pii:iban"), ("accounts", "IBAN_NO", T, IBANS, "pii:iban"),
    ("payments", "card_number", T, CARDS, "pii:card"), ("payments", "cc", T, CARDS, "pii:card"),
    ("payments", "pan", T, CARDS, "pii:card"), ("wallet", "creditCard", T, CARDS, "pii:card"),
    ("employees", "ssn", T, SSNS, "pii:ssn"), ("employees", "social_security_number", T, SSNS, "pii:ssn"),
    ("forms", "field_7", T, SSNS, "pii:ssn"), ("tax", "taxpayer", T, SSNS, "pii:ssn"),
    ("travel", "passport_number", T, PASSPORTS, "pii:national_id"), ("hr", "nino", T, PASSPORTS, "pii:national_id"),
    ("hr", "national_id", T, PASSPORTS, "pii:national_id"), ("health", "nhs_no", N, ("4000000000", "7999999999"),
     "pii:national_id"), ("drivers", "driver_license_no", T, PASSPORTS, "pii:national_id"),
    ("visits", "ip", T, IPS, "pii:ip"), ("visits", "client_ip", T, IPS, "pii:ip"),
    ("logins", "remote_addr", T, IPS, "pii:ip"), ("events", "ip_address", T, IPS, "pii:ip"),
    ("audit", "source", T, IPS, "pii:ip"),
    ("patients", "birth_date", D, ("1931-01-01", "2015-02-02"), "pii:birthdate"),
    ("patients", "date_of_birth", D, ("1931-01-01", "2015-02-02"), "pii:birthdate"),
    ("users", "dob", D, ("1940-01-01", "2004-02-02"), "pii:birthdate"),
    ("personen", "geburtsdatum", D, ("1940-01-01", "2004-02-02"), "pii:birthdate"),
    ("users", "birthday", TS, ("1940-01-01 00:00:00", "2004-02-02 00:00:00"), "pii:birthdate"),
    ("users", "password", T, HASHES, "secret:token"), ("users", "password_hash", T, HASHES, "secret:token"),
    ("users", "pwd", T, ("hunter22", "s3cret!!"), "secret:password"),
    ("apps", "api_key", T, OPAQUE, "secret:token"), ("sessions", "refresh_token", T, OPAQUE, "secret:token"),
    ("apps", "client_secret", T, OPAQUE, "secret:token"), ("sessions", "value", T, JWTS, "secret:token"),
    ("apps", "config", T, ("sk_test_abcdefgh1", "sk_test_abcdefgh2"), "secret:token"),
)  # fmt: skip

LOOK_ALIKES: tuple[Case, ...] = (
    ("mailings", "email_template", T, WORDS, ""), ("users", "email_verified", T, ("yes", "no"), ""),
    ("users", "email_domain", T, ("example.org", "example.com"), ""), ("mailings", "email_subject", T, WORDS, ""),
    ("shops", "support_mailbox", T, ("info@example.org", "support@example.org"), ""),
    ("mailings", "email_count", N, ("0", "20"), ""), ("mailings", "email_id", N, ("1", "900"), ""),
    ("mailings", "from_address", T, ("noreply@example.org", "sales@example.org"), ""),
    ("posts", "handle", T, ("@ada", "@ben"), ""), ("users", "email_status", T, ("bounced", "ok"), ""),
    ("devices", "phone_model", T, ("Nova 5", "Pixel 9", "One 12"), ""),
    ("users", "phone_type", T, ("home", "work"), ""),
    ("devices", "mobile_os", T, ("android", "ios"), ""), ("plans", "mobile_plan", T, WORDS, ""),
    ("sales", "mobile_revenue", N, ("1000000", "90000000"), ""),
    ("parts", "part_number", T, ("555-010-1234", "555-2"), ""),
    ("orders", "order_number", T, ("2024-000123", "2024-000124"), ""),
    ("orders", "invoice_no", N, ("1000000", "9000000"), ""),
    ("batch", "code", T, ("2024-01-02", "2024-02-03"), ""),
    ("users", "phone_verified_at", TS, ("2024-01-01", "2024-02-02"), ""),
    ("calls", "phone_calls", N, ("1000000", "2000000"), ""), ("geo", "coordinates", T, ("52.520008", "13.404954"), ""),
    ("shops", "telephone_cost", N, ("1000000", "2000000"), ""),
    ("products", "name", T, ("Red Chair", "Blue Table", "Lamp"), ""),
    ("products", "product_name", T, ("Chair", "Lamp"), ""),
    ("files", "file_name", T, ("report.pdf", "photo.jpg"), ""), ("hosts", "host_name", T, ("web01", "db02"), ""),
    ("customers", "company_name", T, COMPANIES, ""), ("orders", "customer_name", T, COMPANIES, ""),
    ("customers", "name", T, COMPANIES, ""),
    ("countries", "name", T, COUNTRY, ""),
    ("geo", "country_name", T, COUNTRY, ""),
    ("customers", "country", T, COUNTRY, ""), ("cities", "city_name", T, ("Berlin", "Paris"), ""),
    ("schema", "table_name", T, ("users", "orders"), ""), ("schema", "column_name", T, ("id", "name"), ""),
    ("brands", "brand_name", T, ("Nova", "Zen"), ""), ("users", "username", T, ("ada7", "ben_x"), ""),
    ("events", "event_name", T, ("Click", "View"), ""), ("plans", "display_label", T, ("Basic", "Pro"), ""),
    ("roles", "name", T, ("Admin", "Member"), ""), ("departments", "name", T, ("Sales", "Legal"), ""),
    ("stores", "name", T, ("North Store", "South Store"), ""),
    ("campaigns", "campaign_name", T, ("Spring", "Fall"), ""),
    ("users", "last_name_changed_at", TS, ("2024-01-01", "2024-02-02"), ""),
    ("models", "model_name", T, ("Alpha", "Beta"), ""),
    ("users", "name_prefix", T, ("Mr", "Ms", "Dr"), ""), ("jobs", "driver_name", T, ("psycopg2", "odbc17"), ""),
    ("net", "mac_address", T, ("00:1a:2b:3c:4d:5e", "00:1a:2b:3c:4d:5f"), ""),
    ("chain", "wallet_address", T, ("0xab12", "0xcd34"), ""),
    ("sites", "web_address", T, ("https://a.example", "https://b.example"), ""),
    ("customers", "address_type", T, ("home", "work"), ""), ("customers", "address_id", N, ("1", "99"), ""),
    ("memory", "address", T, ("0x7ffe", "0x7fff"), ""), ("shops", "street_count", N, ("1", "9"), ""),
    ("customers", "city", T, ("Berlin", "Paris"), ""), ("market", "wall_street", T, ("up", "down"), ""),
    ("customers", "postal_code", T, ("10115", "75001"), ""), ("parts", "dimensions", T, ("12 x 5", "9 x 3"), ""),
    ("banks", "bic", T, ("COBADEFFXXX", "BNPAFRPP"), ""),
    ("accounts", "account_code", T, ("DE00370400440532013000", "DE11"), ""),
    ("vat", "vat_id", T, ("DE123456789", "FR12345678901"), ""), ("banks", "bank_code", T, ("37040044", "10010010"), ""),
    ("devices", "imei", T, ("490154203237518", "356938035643809", "352099001761481", "490154203237518"), ""),
    ("products", "ean", T, ("4006381333931", "5901234123457"), ""), ("orders", "tracking_number", T, CARDS, ""),
    ("cards", "card_type", T, ("visa", "amex"), ""), ("cards", "card_last4", T, ("1111", "4444"), ""),
    ("cards", "card_expiry", T, ("12/27", "01/28"), ""), ("meter", "serial_number", T, CARDS, ""),
    ("loyalty", "card_id", N, ("4111111111111111", "4111111111111199"), ""),
    ("parts", "ref", T, ("123-45-678", "219-09-99"), ""), ("docs", "section", T, ("000-12-3456", "666-12-3456"), ""),
    ("hr", "passport_required", T, ("yes", "no"), ""), ("hr", "national_id_type", T, ("card", "pass"), ""),
    ("apps", "version", T, ("1.2.3.4", "1.2.3.5"), ""), ("builds", "build_version", T, ("10.0.1.2", "10.0.1.3"), ""),
    ("infra", "server_ip", T, IPS, ""), ("infra", "host_ip", T, IPS, ""), ("infra", "ip", T, PRIVATE, ""),
    ("infra", "subnet", T, ("10.0.0.0/8", "8.8.8.0/24"), ""), ("releases", "release", T, ("1.0.0", "1.0.1"), ""),
    ("ips", "ip_version", T, ("4", "6"), ""), ("tips", "tip", T, WORDS, ""),
    ("users", "birth_place", T, ("Berlin", "Paris"), ""), ("users", "birth_country", T, COUNTRY, ""),
    ("orders", "order_date", D, ("2020-01-01", "2024-01-01"), ""), ("ships", "born_digital", T, ("yes", "no"), ""),
    ("hr", "hire_date", D, ("1990-01-01", "2024-01-01"), ""), ("stats", "birth_rate", DataType.NUMBER, ("1", "2"), ""),
    ("users", "password_changed_at", TS, ("2024-01-01", "2024-02-02"), ""),
    ("usage", "token_count", N, ("1", "9000"), ""),
    ("auth", "token_type", T, ("bearer", "basic"), ""), ("users", "password_policy", T, ("strict", "loose"), ""),
    ("tables", "primary_key", T, ("id", "order_id"), ""), ("games", "secret_santa", T, FIRST, ""),
    ("nlp", "token", T, ("the", "house", "is"), ""), ("crypto", "token_symbol", T, ("BTC", "ETH"), ""),
    ("files", "checksum", T, ("d41d8cd98f00b204e9800998ecf8427e", "0cc175b9c0f1b6a831c399e269772661"), ""),
    ("orders", "id", T, ("6fa459ea-ee8a-3ca4-894e-db77e160355e", "16fd2706-8baf-433b-82eb-8c7fada847da"), ""),
    ("config", "key", T, ("theme", "lang"), ""), ("s3", "object_key", T, ("a/b.csv", "a/c.csv"), ""),
    ("reviews", "text", T, ("I liked it", "Mail me"), ""), ("orders", "status", T, ("open", "shipped"), ""),
    ("orders", "currency", T, ("EUR", "USD"), ""), ("products", "sku", T, ("AB-1234567", "AB-1234568"), ""),
)  # fmt: skip


def case(table: str, column: str, kind: DataType, values: tuple[str, ...]) -> tuple[Table, Column]:
    """The table and column of a case."""
    if kind is T:
        counts = tuple(1 for _ in values)
        made = Column(column, kind, values=values, counts=counts, distinct=len(values) or None)
    else:
        made = Column(column, kind, minimum=values[0], maximum=values[-1], distinct=90)
    return Table("s", table, (made,), rows=100), made
