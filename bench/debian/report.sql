create table sale(id integer primary key, product text, amount real, day integer);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 90000)
  insert into sale select i, 'product' || (i * 7919 % 1009), i * 1.25, i * 31 % 365 from n;
create index sale_product on sale(product);
create table product(name text primary key, price real);
insert into product select distinct product, length(product) * 2.5 from sale;
select count(*), sum(amount), max(product) from sale;
select product, count(*) c, round(avg(amount), 2) from sale group by product order by c desc, product limit 5;
select day, round(sum(s.amount * p.price), 2) t from sale s join product p on p.name = s.product where s.id % 3 = 0 group by day order by t desc limit 5;
select count(*) from sale a join sale b on a.product = b.product and b.id = a.id + 1009 where a.day < b.day;
update sale set amount = amount * 2 where day between 100 and 130;
delete from sale where id % 5 = 0;
select round(sum(amount), 2), count(*), count(distinct day) from sale;
select substr(product, 1, 8) k, sum(amount > 1000), group_concat(distinct day % 7) from sale where product like '%9%' group by k order by k limit 5;
select id, sum(amount) over (partition by day order by id) from sale order by 2 desc limit 3;
